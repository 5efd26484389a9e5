package engine

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

var admitsJSONP = Options{AllowEIO3: true, AllowJSONP: true}

const formType = "application/x-www-form-urlencoded"

// openJSONP opens a session, and returns what its POSTs and GETs have as their query.
func (h *host) openJSONP(query string) (e *endpoint, polls string) {
	h.t.Helper()
	a := h.request("GET", "transport=polling&"+query, "")
	if a.status != 200 || !strings.HasPrefix(a.body, "___eio[") {
		h.t.Fatalf("handshake: %+v", a)
	}
	e = h.settled(h.session())
	return e, e.pollQuery() + "&" + query
}

// asForm is how a client of JSONP sends a payload.
func asForm(payload string) string {
	payload = strings.ReplaceAll(payload, `\n`, "\\\n")
	return url.Values{"d": {strings.ReplaceAll(payload, "\n", `\n`)}}.Encode()
}

func TestJSONPAnswersAreScripts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admitsJSONP, memory)
		e, polls := h.openJSONP("j=0")
		text := "<\"é€😀\u2028\u2029\n\\"
		e.text(text)
		a := h.request("GET", polls, "")
		literal, _ := strings.CutPrefix(a.body, "___eio[0](")
		literal, ok := strings.CutSuffix(literal, ");")
		var payload string
		if err := json.Unmarshal([]byte(literal), &payload); err != nil || !ok || a.status != 200 || payload != "4"+text {
			t.Errorf("%d %q: %v", a.status, a.body, err)
		}
		if strings.ContainsAny(a.body, "\u2028\u2029\n<") {
			t.Errorf("%q cannot stand in a script", a.body)
		}
		if got := a.header.Get("Content-Type"); got != textPayload {
			t.Errorf("type %q", got)
		}
		// What is not a number is no part of the script.
		e.text("x")
		h.request("GET", e.pollQuery()+"&j="+url.QueryEscape("1](alert);2"), "").want(t, 200, `___eio[12]("4x");`)
		e.text("x")
		h.request("GET", e.pollQuery()+"&j=", "").want(t, 200, `___eio[]("4x");`)
		waiting := make(chan answer, 1)
		go func() { waiting <- h.request("GET", polls, "") }()
		h.until(e, "a GET waits", func(m *machine) bool { return m.pollWaiting })
		e.Close(ReasonForcedClose)
		receive(t, waiting).want(t, 200, `___eio[0]("1");`)
	})
}

// Binary data is base64, also where the client has not asked for it.
func TestJSONPOfProtocol3(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admitsJSONP, memory)
		e, polls := h.openJSONP("EIO=3&j=7")
		e.Send(mixedMessage("€", "\x01\x02"), SendOptions{})
		h.request("GET", polls, "").want(t, 200, `___eio[7]("2:4€6:b4AQI=");`)
		h.request("POST", polls, asForm("3:4a\n6:b4AQI="), "Content-Type", formType).want(t, 200, "ok")
		e.expect("text a\n", "binary \x01\x02", "end")
	})
}

// Line feeds arrive as they were sent, escaped or not.
func TestJSONPForms(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admitsJSONP, memory)
		e, polls := h.openJSONP("j=0")
		for _, text := range []string{"plain", "a\nb", `a\nb`, `a\\nb`, `a\\\nb` + "\n", `\`, "+ &=%€😀"} {
			a := h.request("POST", polls, asForm("4"+text), "Content-Type", formType)
			a.want(t, 200, "ok")
			if got := a.header.Get("Content-Type"); got != "text/html" {
				t.Errorf("type %q", got)
			}
			e.expect("text "+text, "end")
		}
		h.request("POST", polls, asForm("4one\x1ebAQI=\x1e4two"), "Content-Type", formType).want(t, 200, "ok")
		e.expect("text one", "binary \x01\x02", "text two", "end")
		h.request("POST", polls, "something=else", "Content-Type", formType).want(t, 200, "ok")
		e.expect("closed parse error")
	})
}

// The limit is about what is in the form, however much the escapes add.
func TestJSONPLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		opts := admitsJSONP
		opts.MaxPayload = 1000
		h := newHost(t, opts, memory)
		e, polls := h.openJSONP("j=0")
		text := strings.Repeat("\n", 999)
		h.request("POST", polls, asForm("4"+text), "Content-Type", formType).want(t, 200, "ok")
		e.expect("text "+text, "end")
		h.request("POST", polls, asForm("4"+text+"x"), "Content-Type", formType).want(t, 413, "")
		e.expect("closed transport error")

		e, polls = h.openJSONP("j=0")
		h.request("POST", polls, strings.Repeat("x", 5000), "Content-Type", formType).want(t, 413, "")
		e.expect("closed transport error")
	})
}

func TestJSONPIsRefusedByDefault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		told := make(chan *ConnectionError, 2)
		h := newHost(t, Options{OnConnectionError: func(_ *http.Request, err *ConnectionError) { told <- err }}, memory)
		h.request("GET", "transport=polling&j=0", "").want(t, 400, badRequest)
		if err := receive(t, told); !strings.Contains(err.Error(), "AllowJSONP") {
			t.Errorf("the operator is told %v, and not what can be done", err)
		}
		e := h.open()
		h.request("POST", e.pollQuery()+"&j=0", asForm("4x"), "Content-Type", formType).want(t, 400, badRequest)
		e.text("y")
		h.get(e).want(t, 200, "4y")
		// It is the parameter of polling only.
		h.dialWS("transport=websocket&j=0").frame()
	})
}

// Browsers send no Origin for a script, so that of the page has to do.
func TestJSONPOrigin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		opts := admitsJSONP
		opts.AllowOrigin = func(origin string, _ *http.Request) bool { return origin == "https://good.example" }
		h := newHost(t, opts, memory)
		for _, c := range []struct {
			header, value string
			status        int
		}{
			{"Referer", "https://good.example/page?x=y", 200},
			{"Referer", "https://good.example.evil.example/", 403},
			{"Referer", "https://evil.example/https://good.example", 403},
			{"Referer", "nonsense", 403},
			{"X-Nothing", "", 403},
			{"Origin", "https://good.example", 200},
			{"Origin", "https://evil.example", 403},
		} {
			if a := h.request("GET", "transport=polling&j=0", "", c.header, c.value); a.status != c.status {
				t.Errorf("%s %s: %d %s", c.header, c.value, a.status, a.body)
			}
		}
		// Other requests without Origin are none of a browser.
		h.open()
	})
}

func TestJSONPInOldExplorers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admitsJSONP, memory)
		for agent, want := range map[string]string{"Mozilla/4.0 (compatible;MSIE 8.0)": "0", "Trident/7.0": "0", "Gecko": ""} {
			a := h.request("GET", "transport=polling&j=0", "", "User-Agent", agent)
			if got := a.header.Get("X-XSS-Protection"); got != want {
				t.Errorf("%s: %q", agent, got)
			}
		}
	})
}
