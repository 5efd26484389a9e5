package scenario

import (
	"fmt"
	"strings"
	"time"
)

// The groups of scenarios.
const (
	Main        = "main"        // each kind of load once
	Connections = "connections" // echo on ever more connections
	Memory      = "memory"      // ever more idle connections
	Rooms       = "rooms"       // ever more rooms
	Members     = "members"     // ever larger broadcasts
	Rate        = "rate"        // ever more messages a second
)

const (
	perEcho      = "echo"
	perDelivery  = "delivery"
	perHeartbeat = "heartbeat"
)

// All returns every scenario.
func All() []Scenario {
	all := []Scenario{
		{Name: "echo", Title: "echo, 64 B string", Unit: perEcho, run: echo{200, 1, stringEvent("echo", 64)}.run},
		{Name: "json", Title: "echo, JSON object of 128 B, decoded", Unit: perEcho, run: echo{200, 1, event("json", object())}.run},
		{Name: "flight", Title: "echo, 8 in flight", Unit: perEcho, run: echo{200, 8, stringEvent("echo", 64)}.run},
		{Name: "raw16k", Title: "echo, 16 KiB string, passed on", Unit: perEcho, run: echo{200, 1, stringEvent("echo", 16<<10)}.run},
		{Name: "string16k", Title: "echo, 16 KiB string, decoded", Unit: perEcho, run: echo{200, 1, stringEvent("string", 16<<10)}.run},
		{Name: "ack", Title: "acknowledgement", Unit: "call", run: echo{200, 1, ackEvent(text(64))}.run},
		{Name: "binary", Title: "echo, 1 KiB binary", Unit: perEcho, run: echo{200, 1, binaryEvent(attachment(1 << 10))}.run},
		{Name: "broadcast", Title: "broadcast to 1\u202f000", Unit: perDelivery, run: broadcast{clients: 1000, payload: text(64)}.run},
		{Name: "broadcast10k", Title: "broadcast to 10\u202f000", Unit: perDelivery, run: broadcast{10000, text(64), true}.run},
		{Name: "rooms", Title: "100 rooms of 10", Unit: perDelivery, run: rooms{100, 10, 1000, " hello, room"}.run},
		{Name: "polling", Title: "long-polling echo, 100 clients", Unit: perEcho, run: pollingEcho{100, text(64)}.run},
		{Name: "connect", Title: "connect, join, leave", Unit: "connection", run: connects{50}.run},
		{Name: "slow", Title: "broadcast to 1\u202f000, one of which does not read", Unit: perDelivery,
			run: slow{1000, text(4 << 10), 50 * time.Millisecond}.run},
		idleScenario("idle", Main, 10000),
	}
	for i := range all {
		all[i].Group = Main
	}
	for _, n := range []int{1000, 5000, 18000} {
		all = append(all,
			Scenario{Name: fmt.Sprintf("echo@%d", n), Title: "echo on " + thousands(n) + " connections", Unit: perEcho,
				Group: Connections, Size: n, run: echo{n, 1, stringEvent("echo", 64)}.run},
			idleScenario(fmt.Sprintf("idle@%d", n), Memory, n))
	}
	for _, n := range []int{10, 1000, 100000} {
		all = append(all, Scenario{Name: fmt.Sprintf("rooms@%d", n), Title: thousands(n) + " rooms of 10", Unit: perDelivery,
			Group: Rooms, Size: n, run: rooms{n, 10, 10000, " hello, room"}.run})
	}
	for _, n := range []int{1, 100, 18000} {
		all = append(all, Scenario{Name: fmt.Sprintf("broadcast@%d", n), Title: "broadcast to " + thousands(n), Unit: perDelivery,
			Group: Members, Size: n, run: broadcast{clients: n, payload: text(64)}.run})
	}
	for _, n := range []int{2000, 5000, 10000, 20000, 40000} {
		all = append(all, Scenario{Name: fmt.Sprintf("rate@%d", n), Title: "echo, " + thousands(n) + " a second", Unit: perEcho,
			Group: Rate, Size: n, run: openLoop{200, n, text(64)}.run})
	}
	return all
}

func idleScenario(name, group string, n int) Scenario {
	l := idle{n}
	return Scenario{Name: name, Title: thousands(n) + " idle connections", Unit: perHeartbeat, Group: group, Size: n, Env: l.env(), run: l.run}
}

// thousands writes n with a narrow space between groups of three digits.
func thousands(n int) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "\u202f" + digits[at:]
	}
	return digits
}

// Select returns the scenarios named in a list of names and groups that are separated
// by commas; "all" names every one.
func Select(list string) ([]Scenario, error) {
	all := All()
	var chosen []Scenario
	for word := range strings.SplitSeq(list, ",") {
		n := len(chosen)
		for _, s := range all {
			if word == "all" || word == s.Name || word == s.Group {
				chosen = append(chosen, s)
			}
		}
		if len(chosen) == n {
			return nil, fmt.Errorf("there is no scenario or group %q; scenarios: %s; groups: %s, all", word, names(all),
				strings.Join([]string{Main, Connections, Memory, Rooms, Members, Rate}, ", "))
		}
	}
	return chosen, nil
}

func names(all []Scenario) string {
	var words []string
	for _, s := range all {
		words = append(words, s.Name)
	}
	return strings.Join(words, ", ")
}
