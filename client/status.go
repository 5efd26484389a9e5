package client

import (
	"sync"
	"time"
)

// State is what a client is doing about its connection.
type State string

// The states of a [Client].
const (
	Idle       State = "idle"       // not connected, and not trying
	Connecting State = "connecting" // an attempt is under way
	Connected  State = "connected"  // the connection is open; namespaces are joined over it
	Waiting    State = "waiting"    // for the next attempt
)

// Status describes the connection of a [Client].
type Status struct {
	State State
	// Attempt counts the attempts in a row since the last time a namespace was joined:
	// 0 is the first connection, or an unbroken one.
	Attempt int
	// Delay is how long the client waits before the next attempt, in the state Waiting.
	Delay time.Duration
	// Transport is the one that opened the connection, in the state Connected.
	Transport string
	// Err is why the last attempt has failed or the last connection was lost, in the
	// states Waiting and Idle.
	Err error
}

// statusFeed tells listeners of changes, in order, one at a time, and never makes
// the connection wait for them.
type statusFeed struct {
	client *Client

	mu        sync.Mutex
	present   Status
	listeners []*func(Status)
	queue     []Status
	running   bool
}

// maxStatuses is how many changes wait for a listener that does not return. Of more,
// the oldest are left out.
const maxStatuses = 64

// Status returns what the client is doing about its connection.
func (c *Client) Status() Status {
	f := &c.statuses
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.present.State == "" {
		return Status{State: Idle}
	}
	return f.present
}

// OnStatus registers a function that is told of each change of the connection, and
// returns the function that removes it again. Changes are reported in order, one at a
// time; a listener that does not return misses all but the latest 64.
func (c *Client) OnStatus(listener func(Status)) (off func()) {
	f := &c.statuses
	entry := &listener
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners = with(f.listeners, entry)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.listeners = without(f.listeners, entry)
	}
}

func (f *statusFeed) set(s Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.present = s
	if len(f.listeners) == 0 {
		return
	}
	if len(f.queue) == maxStatuses {
		f.queue = f.queue[1:]
	}
	f.queue = append(f.queue, s)
	if !f.running {
		f.running = true
		f.client.handlers.Start()
		go f.run()
	}
}

// run tells the listeners what is in the queue, until it is empty.
func (f *statusFeed) run() {
	defer f.client.handlers.Done()
	for {
		f.mu.Lock()
		if len(f.queue) == 0 {
			f.queue, f.running = nil, false
			f.mu.Unlock()
			return
		}
		s := f.queue[0]
		f.queue = f.queue[1:]
		listeners := f.listeners
		f.mu.Unlock()
		for _, l := range listeners {
			f.client.guard("OnStatus", func() { (*l)(s) })
		}
	}
}
