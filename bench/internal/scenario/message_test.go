package scenario

import (
	"encoding/json"
	"strings"
	"testing"
)

// sent returns the payload of a message as the server gets it.
func sent(t *template, seq, owner int) string {
	b := append([]byte(nil), t.message(seq, owner).Bytes()...)
	at := 2
	switch b[1] & 0x7f {
	case 126:
		at = 4
	case 127:
		at = 10
	}
	key, payload := b[at:at+4], b[at+4:]
	for i := range payload {
		payload[i] ^= key[i%4]
	}
	return string(payload)
}

func templates() map[string]*template {
	return map[string]*template{
		"string":     event("echo", `"`+text(64)+`"`)[0],
		"object":     event("json", object())[0],
		"ack":        ackEvent(text(64))[0],
		"header":     binaryEvent(attachment(1024))[0],
		"attachment": binaryEvent(attachment(1024))[1],
	}
}

func TestTheRightAnswerIsAccepted(t *testing.T) {
	for name, m := range templates() {
		for _, seq := range []int{0, 1, 8999, 9000, 123456789} {
			answer := sent(m, seq, 7)
			if name == "ack" {
				answer = strings.Replace(strings.Replace(answer, `"ack",`, "", 1), "42", "43", 1)
			}
			if err := m.check(m.opcode, []byte(answer), seq, 7); err != nil {
				t.Errorf("%s, message %d: %v", name, seq, err)
			}
		}
	}
}

func TestEveryWrongByteIsFound(t *testing.T) {
	for name, m := range templates() {
		right := string(m.want(5, 7))
		for at := range right {
			wrong := []byte(right)
			wrong[at] ^= 1
			if m.check(m.opcode, wrong, 5, 7) == nil {
				t.Fatalf("%s: a wrong byte at %d is accepted", name, at)
			}
		}
		for what, err := range map[string]error{
			"a byte too few":       m.check(m.opcode, []byte(right[:len(right)-1]), 5, 7),
			"a byte too many":      m.check(m.opcode, []byte(right+" "), 5, 7),
			"the other frame type": m.check(3-m.opcode, []byte(right), 5, 7),
		} {
			if err == nil {
				t.Errorf("%s: %s is accepted", name, what)
			}
		}
		if name == "header" {
			continue // is the same for all
		}
		if m.check(m.opcode, []byte(right), 6, 7) == nil {
			t.Errorf("%s: the answer to another message is accepted", name)
		}
		if m.check(m.opcode, []byte(right), 5, 8) == nil {
			t.Errorf("%s: the answer to another client is accepted", name)
		}
	}
}

func TestTheObjectIsWhatTheContractSays(t *testing.T) {
	m := event("json", object())[0]
	argument := strings.TrimSuffix(strings.TrimPrefix(sent(m, 3, 4), `42["json",`), "]")
	if len(argument) != 128 {
		t.Errorf("%d bytes", len(argument))
	}
	var v struct {
		Seq    int64    `json:"seq"`
		Client int64    `json:"client"`
		User   string   `json:"user"`
		Text   string   `json:"text"`
		Tags   []string `json:"tags"`
		Read   bool     `json:"read"`
	}
	if err := json.Unmarshal([]byte(argument), &v); err != nil {
		t.Fatal(err)
	}
	if v.Seq != firstNumber+3 || v.Client != firstNumber+4 || len(v.Tags) != 2 || !v.Read {
		t.Errorf("%+v", v)
	}
	if again, _ := json.Marshal(v); string(again) != argument {
		t.Errorf("encoded again: %s, want %s", again, argument)
	}
}

func TestPayloadsHaveTheirSize(t *testing.T) {
	for _, n := range []int{64, 1 << 10, 16 << 10} {
		if got := len(text(n)); got != n {
			t.Errorf("text(%d) has %d bytes", n, got)
		}
		if got := len(attachment(n)); got != n {
			t.Errorf("attachment(%d) has %d bytes", n, got)
		}
	}
	seen := make(map[byte]bool)
	for _, c := range []byte(attachment(1 << 10)) {
		seen[c] = true
	}
	if len(seen) != 256 {
		t.Errorf("an attachment has %d different bytes", len(seen))
	}
}

func TestSelect(t *testing.T) {
	for list, want := range map[string]string{
		"echo":         "echo",
		"ack,echo":     "ack echo",
		"memory":       "idle@1000 idle@5000 idle@18000",
		"rooms,echo":   "rooms rooms@10 rooms@1000 rooms@100000 echo",
		"broadcast@18": "",
		"":             "",
	} {
		chosen, err := Select(list)
		var got []string
		for _, s := range chosen {
			got = append(got, s.Name)
		}
		if strings.Join(got, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
	everything, err := Select("all")
	if err != nil || len(everything) != len(All()) {
		t.Errorf("all: %d of %d, %v", len(everything), len(All()), err)
	}
	names := make(map[string]bool)
	for _, s := range everything {
		if names[s.Name] {
			t.Errorf("two scenarios are called %s", s.Name)
		}
		names[s.Name] = true
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{1: "1", 999: "999", 1000: "1_000", 18000: "18_000", 1234567: "1_234_567"} {
		if got := strings.ReplaceAll(thousands(n), "\u202f", "_"); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
