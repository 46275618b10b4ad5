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

HEALTH_SITE = """\

:8081 {
	bind 127.0.0.1
	respond /healthz 200
}
"""

# A router that shuts down answers 503 until the gateway has noticed, and serves requests meanwhile.
DRAINING_HEALTH_SITE = """\

:8081 {
	@ending vars {http.shutting_down} true
	respond @ending 503
	respond /healthz 200
}
"""

# Matchers get the decoded path, and path_regexp a normalized one, but a service gets the path as it was sent.
# So a path that servers interpret in different ways is rejected first.
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

GATEWAY_ONLY = """\

	@inside not remote_ip {$ROUTER_NETWORK}
	handle @inside {
		abort
	}
"""

# It logs errors only: all requests that reach the router are in the log of the router.
ROUTER_PROXY = Template("""\

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

# A router that rejects a body closes the connection while the gateway still sends, and its response may be
# lost: so the gateway has the same limits.
BODY_LIMIT = Template("""\

	@body.$service path_regexp `(?s)^$pattern(/.*)?$$`
	handle @body.$service {
		request_body {
			max_size $body
		}
		import router
	}
""")

# A private path stays private with a suffix that is not part of its name: some frameworks ignore a trailing
# slash, a line feed or an extension.
PRIVATE_PATHS = Template("""\

	@private.$service path_regexp `(?is)^$pattern/($words)([^a-z0-9_-].*)?$$`
	handle @private.$service {
		error 404
	}
""")

ACTIVE_HEALTH_CHECK = Template("""\
			health_uri $path
			health_interval 1s
			health_timeout 2s
			health_status 200
""")

# Without a readiness path, an address that refuses a connection gets no requests for a moment.
PASSIVE_HEALTH_CHECK = """\
			fail_duration 2s
"""

# Refused connections are retried. A request that was sent is never retried: the retry matcher matches
# nothing, and without keepalive no connection can be stale.
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

ROOT_ANSWER = """\

	handle / {
		respond 200
	}
"""

NOT_FOUND = """\

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
