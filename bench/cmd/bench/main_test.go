package main

import (
	"testing"

	"github.com/go-socketio/socketio/bench/internal/peer"
)

func TestParse(t *testing.T) {
	s, err := parse([]string{"-scenarios", "echo", "-server", "a=b", "-server", "c=d", "-rounds", "5"})
	if err != nil || s.scenarios != "echo" || len(s.servers) != 2 || s.rounds != 5 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range [][]string{{"-rounds", "0"}, {"-duration", "0s"}, {"-warmup", "-1s"}, {"extra"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

func TestTheReferenceIsTheFirstUnlessItIsNamed(t *testing.T) {
	peers := []peer.Peer{{Name: "node"}, {Name: "ours"}}
	for name, want := range map[string]string{"": "node", "ours": "ours"} {
		r, err := newResults(settings{reference: name}, peers)
		if err != nil || r.Reference != want || len(r.Peers) != 2 {
			t.Errorf("%q: %+v, %v", name, r, err)
		}
	}
	if _, err := newResults(settings{reference: "bun"}, peers); err == nil {
		t.Error("no error for a reference that is not measured")
	}
}
