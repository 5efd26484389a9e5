package main

import (
	"io"
	"net/http"
	"strconv"
	"sync"
)

// polling is bare net/http: what a POST brings is handed to the GET that waits.
type polling struct {
	mu       sync.Mutex
	sessions map[string]*session
}

type session struct{ messages chan []byte }

func (p *polling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sid := r.URL.Query().Get("sid")
	if sid == "" {
		p.open(w)
		return
	}
	p.mu.Lock()
	s := p.sessions[sid]
	p.mu.Unlock()
	if s == nil {
		http.Error(w, "unknown session", http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodGet {
		select {
		case m := <-s.messages:
			respond(w, m)
		case <-r.Context().Done():
		}
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if string(body) == "40" {
		body = []byte(`40{"sid":"bbbbbbbbbbbbbbbbbbbb"}`)
	}
	s.messages <- body
	respond(w, []byte("ok"))
}

func (p *polling) open(w http.ResponseWriter) {
	p.mu.Lock()
	sid := "s" + strconv.Itoa(len(p.sessions))
	p.sessions[sid] = &session{messages: make(chan []byte, 16)}
	p.mu.Unlock()
	respond(w, []byte(`0{"sid":"`+sid+`","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`))
}

func respond(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
