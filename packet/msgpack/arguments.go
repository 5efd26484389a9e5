package msgpack

import (
	"sync"

	"github.com/go-socketio/socketio/packet"
)

// arguments are the arguments of a packet, checked but not decoded. It is a
// [packet.Source].
type arguments struct {
	data  []byte    // the whole message
	first [5]uint32 // where the elements of the array begin: most packets have no more
	more  []uint32
	end   uint32 // of the last element
	base  int    // the elements before it are no arguments
	n     int    // arguments
}

func (a *arguments) add(start int) {
	if a.n < len(a.first) {
		a.first[a.n] = uint32(start)
	} else {
		a.more = append(a.more, uint32(start))
	}
	a.n++
}

func (a *arguments) start(element int) int {
	if element < len(a.first) {
		return int(a.first[element])
	}
	return int(a.more[element-len(a.first)])
}

// span returns where argument i begins and ends.
func (a *arguments) span(i int) (start, end int) {
	start, end = a.start(a.base+i), int(a.end)
	if i+1 < a.n {
		end = a.start(a.base + i + 1)
	}
	return start, end
}

// encoded returns all arguments.
func (a *arguments) encoded() []byte {
	start, _ := a.span(0)
	return a.data[start:a.end]
}

// Len implements [packet.Source].
func (a *arguments) Len() int { return a.n }

// Size implements [packet.Source].
func (a *arguments) Size() int { return len(a.data) + 4*cap(a.more) }

// Decode implements [packet.Source].
func (a *arguments) Decode(i int, dst any) error {
	d := valueReaders.Get().(*valueReader)
	*d = a.reader(i)
	err := d.decode(dst)
	*d = valueReader{} // the pool must not keep the message in memory
	valueReaders.Put(d)
	return err
}

var valueReaders = sync.Pool{New: func() any { return new(valueReader) }}

// Raw implements [packet.Source].
func (a *arguments) Raw(i int) (packet.Raw, error) {
	d := a.reader(i)
	return d.json()
}

func (a *arguments) reader(i int) valueReader {
	start, end := a.span(i)
	return valueReader{reader: reader{data: a.data[:end], pos: start}, pinned: cap(a.data)}
}
