package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

func post(body, mediaType string) (int, string) {
	answer := ask(plainAPI(), http.MethodPost, "/things", body, "Content-Type", mediaType)
	return answer.Code, answer.Body.String()
}

func TestAValueThatFitsIsTaken(t *testing.T) {
	for _, body := range []string{
		`{"name": "a", "count": 1, "parts": [{"label": "b"}]}`,
		`{"name": "😀 \ud83d\ude00 \\ud800 \" \u00e9"}`,
		` {} `,
	} {
		for _, mediaType := range []string{"application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"} {
			if status, answer := post(body, mediaType); status != http.StatusCreated {
				t.Errorf("%s is refused: %s", body, answer)
			}
		}
	}
}

func TestAValueThatDoesNotFitIsRefusedWithoutRepeatingIt(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":               ``,
		"half":                  `{`,
		"another type":          `["hunter2"]`,
		"a field too much":      `{"hunter2": 1}`,
		"another case":          `{"NAME": "hunter2"}`,
		"a field twice":         `{"name": "a", "name": "hunter2"}`,
		"a nested field":        `{"parts": [{"name": "hunter2"}]}`,
		"a number for text":     `{"name": 1}`,
		"text for a number":     `{"count": "hunter2"}`,
		"a number too large":    `{"count": 2147483648}`,
		"a fraction":            `{"count": 1.5}`,
		"many digits":           `{"count": ` + strings.Repeat("9", 5000) + `}`,
		"half a character":      `{"name": "\ud800"}`,
		"the other half":        `{"name": "\udc00 hunter2"}`,
		"two first halves":      `{"name": "\ud800\ud800"}`,
		"half a character name": `{"\ud800": 1}`,
		"no text":               "{\"name\": \"\xff\"}",
		"something behind":      `{"name": "a"} {"hunter2": 1}`,
		"depth":                 strings.Repeat("[", 100_000),
		"depth of objects":      strings.Repeat(`{"parts":`, 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := post(body, "application/json")
			if status != http.StatusUnprocessableEntity || !strings.Contains(answer, `"pointer":"#/body`) {
				t.Errorf("the answer is %d %s", status, answer)
			}
			if strings.Contains(answer, "hunter2") {
				t.Errorf("it repeats what it was sent: %s", answer)
			}
		})
	}
}

func TestAnotherMediaTypeIsRefused(t *testing.T) {
	for _, mediaType := range []string{"", "text/plain", "application/jsonp"} {
		if status, _ := post(`{"name": "a"}`, mediaType); status != http.StatusUnsupportedMediaType {
			t.Errorf("%q gets %d", mediaType, status)
		}
	}
}
