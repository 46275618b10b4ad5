"""The parts of a Caddyfile, formatted as `caddy fmt` leaves them."""

from __future__ import annotations

from string import Template

OPTIONS = Template("""\
{
	admin off
	auto_https off
	persist_config off
$ends	log {
		format json
		exclude http.handlers.reverse_proxy.health_checker.active
	}
	servers {
		protocols h1
$trusted		max_header_size 16KB
		timeouts {
			read_header 10s
			read_body ${read}s
			write ${write}s
			idle 2m
		}
	}
}
""")

ALIVE = """\

:8081 {
	bind 127.0.0.1
	respond /healthz 200
}
"""

# A router that is told to end says so until the gateway has seen it, and takes requests meanwhile.
ENDING = """\

:8081 {
	@ending vars {http.shutting_down} true
	respond @ending 503
	respond /healthz 200
}
"""

# Matchers see the decoded path; path_regexp also cleans it, and then what is matched would not be what is
# passed on. So a path that servers read in different ways is refused before anything else looks at it.
SITE = Template("""\

:8080 {
$bind	log {
		format filter {
			request>headers delete
			resp_headers delete
		}
	}
	header {
		-Server
		-Via
	}
$only
	@ambiguous vars_regexp {http.request.uri.path} `//|/\\.\\.?(/|$$)|[;\\\\\\x00-\\x1f\\x7f]|^[^/]|^$$`
	handle @ambiguous {
		error 404
	}
""")

ONLY_THE_GATEWAY = """\

	@inside not remote_ip {$ROUTER_NETWORK}
	handle @inside {
		abort
	}
"""

# What the gateway itself answers, no router has in its log.
ENTRANCE = Template("""\

(router) {
	reverse_proxy $upstreams {
		header_up -Via
		lb_policy least_conn
		lb_try_duration 10s
		lb_try_interval 100ms
		lb_retry_match {
			method NONE
		}
		health_port 8081
		health_uri /healthz
		health_interval 1s
		health_timeout 2s
		health_fails 2
		health_status 200
		transport http {
			dial_timeout 1s
			keepalive off
		}
	}
}

:8080 {
	log {
		level ERROR
		format filter {
			request>headers delete
			resp_headers delete
		}
	}
	header -Via
$bodies
	handle {
		request_body {
			max_size $body
		}
		import router
	}
""")

# A router that refuses a body ends the connection while the gateway still writes, so that its answer may be
# lost: the gateway has the same limits.
BODY = Template("""\

	@body.$service path_regexp `(?s)^$pattern(/.*)?$$`
	handle @body.$service {
		request_body {
			max_size $body
		}
		import router
	}
""")

# A private path stays private with anything behind it that is no part of its name: some frameworks take a
# trailing slash, a line feed or a suffix for the same route.
PRIVATE = Template("""\

	@private.$service path_regexp `(?is)^$pattern/($words)([^a-z0-9_-].*)?$$`
	handle @private.$service {
		error 404
	}
""")

ASKED = Template("""\
			health_uri $path
			health_interval 1s
			health_timeout 2s
			health_status 200
""")

# Nobody can be asked, so who does not take a connection is left alone for a moment.
UNASKED = """\
			fail_duration 2s
"""

# Refused connections are dialled again. What was sent is never sent twice: the matcher for repeats matches
# nothing, and without kept connections the transport has none that could turn out dead.
ROUTE = Template("""\
$private
	@public.$service path_regexp `(?s)^$pattern(/.*)?$$`
	handle @public.$service {
		request_body {
			max_size $body
		}
$strip		reverse_proxy $upstreams {
			header_up $forwarded
$client			lb_policy least_conn
			lb_try_duration 5s
			lb_try_interval 100ms
			lb_retry_match {
				method NONE
			}
$health			transport http {
				dial_timeout 1s
				response_header_timeout 60s
				keepalive off
			}
		}
	}
""")

WELL = """\

	handle / {
		respond 200
	}
"""

UNKNOWN = """\

	handle {
		error 404
	}
"""

ERRORS = """\

	handle_errors {
		header -Server
		header Content-Type application/problem+json
		respond `{"title":"{err.status_text}","status":{err.status_code}}` {err.status_code}
	}
}
"""
