package msgpack

import (
	"errors"
	"strconv"
	"time"

	"github.com/go-socketio/socketio/internal/intern"
)

// any decodes into the types that an any holds.
func (d *valueReader) any() (any, error) {
	t, err := d.next()
	if err != nil {
		return nil, err
	}
	switch t.kind {
	case boolToken:
		return t.n == 1, nil
	case uintToken:
		return float64(t.n), nil
	case intToken:
		return float64(int64(t.n)), nil
	case floatToken:
		return t.float(), nil
	case stringToken:
		return d.string(t.body), nil
	case bytesToken:
		return d.bytes(t.body), nil
	case arrayToken:
		return d.list(t.n)
	case mapToken:
		return d.object(t.n)
	case dateToken, timestampToken:
		date, ok := t.time()
		if !ok {
			return time.Time{}, errDate
		}
		return date, nil
	case extToken:
		return []any{float64(int8(t.n)), d.bytes(t.body)}, nil
	}
	return nil, nil
}

// list decodes n elements, which are there: the check has seen them.
func (d *valueReader) list(n uint64) (any, error) {
	list := make([]any, n)
	for i := range list {
		v, err := d.any()
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return list, nil
}

func (d *valueReader) object(n uint64) (any, error) {
	const atOnce = 64 // all n may have the same name
	members := make(map[string]any, min(n, atOnce))
	for range n {
		name, present, err := d.member()
		if err != nil {
			return nil, err
		}
		if !present {
			continue
		}
		v, err := d.any()
		if err != nil {
			return nil, err
		}
		members[intern.String(name)] = v
	}
	return members, nil
}

var errName = errors.New("the name of a member is neither a string nor an integer")

// member reads the name of a member. If its value is undefined it reads that too,
// and the member is not present.
func (d *valueReader) member() (name []byte, present bool, err error) {
	t, err := d.next()
	if err != nil {
		return nil, false, err
	}
	switch name = t.body; t.kind {
	case stringToken:
	case uintToken:
		name = strconv.AppendUint(nil, t.n, 10)
	case intToken:
		name = strconv.AppendInt(nil, int64(t.n), 10)
	default:
		return nil, false, errName
	}
	start := d.pos
	if t, err = d.next(); err != nil || t.kind == undefined {
		return name, false, err
	}
	d.pos = start
	return name, true, nil
}
