package engine

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// This file is JSONP, for which [Options.AllowJSONP] asks: polling for pages that cannot
// read what another origin answers. The answer to a GET is a script that hands the payload
// to a function of the page, and a POST is a form that the page sends.

// script returns the script for a payload, which is text.
func script(h http.Header, r *http.Request, callback string, payload []byte) []byte {
	if agent := r.UserAgent(); strings.Contains(agent, ";MSIE") || strings.Contains(agent, "Trident/") {
		h.Set("X-XSS-Protection", "0") // it would mistake the script for an injected one
	}
	literal, _ := json.Marshal(string(payload)) // also U+2028 and U+2029, which end a line of a script
	s := append([]byte("___eio["+callback+"]("), literal...)
	return append(s, ");"...)
}

// onlyDigits returns the digits of s: the number of a function must not be code.
func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}

// formLimit returns how large a form may be whose payload has so many bytes: it has a
// name, and a line feed becomes %5Cn.
func formLimit(payload int64) int64 { return int64(len("d=")) + 4*payload }

// formPayload returns the payload that a form holds, or nothing if there is none.
func formPayload(form []byte) []byte {
	values, _ := url.ParseQuery(string(form)) // the readable part is better than nothing
	return []byte(lineFeeds.Replace(values.Get("d")))
}

// lineFeeds undoes what clients do so that no browser changes line feeds: these are sent as
// \n, and what looked like that before as \\n.
var lineFeeds = strings.NewReplacer(`\\n`, `\n`, `\n`, "\n")

// refererOrigin returns the origin of the page that has sent a request, or "".
func refererOrigin(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
