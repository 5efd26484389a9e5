package client

import (
	"encoding/json"
	"testing"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// TestConnectPayload puts what the protocol has to say before the credentials, unless
// those have members of the same name.
func TestConnectPayload(t *testing.T) {
	all := recovery{pid: `p"`, offset: "o", rid: "r"}
	for _, c := range []struct {
		recovery recovery
		auth     any
		want     string
	}{
		{recovery{}, map[string]any{"a": 1}, `{"a":1}`},
		{all, nil, `{"pid":"p\"","offset":"o","rid":"r"}`},
		{recovery{pid: "p"}, map[string]any{}, `{"pid":"p"}`},
		{all, (*struct{})(nil), `{"pid":"p\"","offset":"o","rid":"r"}`},
		{all, struct {
			User   string `json:"user"`
			Offset string `json:"offset"`
		}{"ann,}", "mine"}, `{"pid":"p\"","rid":"r","user":"ann,}","offset":"mine"}`},
		{recovery{pid: "p"}, map[string]any{"pid": "mine"}, `{"pid":"mine"}`},
	} {
		for _, codec := range []packet.Codec{packet.JSON, msgpack.Codec} {
			client := Client{options: Options{Codec: codec}}
			payload, err := client.connectPayload(c.recovery, c.auth)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(payload)
			if raw, ok := payload.(packet.Raw); ok {
				text = raw.JSON
			}
			if codec == packet.JSON && string(text) != c.want || !sameSets([]string{string(text)}, []string{c.want}) || err != nil {
				t.Errorf("%s, %v; want %s", text, err, c.want)
			}
		}
	}
	client := Client{options: Options{Codec: packet.JSON}}
	if _, err := client.connectPayload(all, "text"); err == nil {
		t.Error("credentials that are no object")
	}
}
