package msgpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

var errDate = errors.New("a date out of range")

// maxDate is how far a date of JavaScript may be from 1970, in milliseconds.
const maxDate = 864e13

// time returns the time that a date or a timestamp stands for.
func (t token) time() (time.Time, bool) {
	if t.kind == dateToken {
		ms := int64(t.n)
		return time.UnixMilli(ms).UTC(), -maxDate <= ms && ms <= maxDate
	}
	var sec, nsec int64
	switch b := t.body; len(b) {
	case 4:
		sec = int64(binary.BigEndian.Uint32(b))
	case 8:
		n := binary.BigEndian.Uint64(b)
		sec, nsec = int64(n&(1<<34-1)), int64(n>>34)
	case 12:
		nsec, sec = int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint64(b[4:]))
	default:
		return time.Time{}, false
	}
	if nsec >= 1e9 || sec < -maxDate/1000 || sec > maxDate/1000 {
		return time.Time{}, false
	}
	return time.Unix(sec, nsec).UTC(), true
}

// appendDate appends a date as notepack writes it.
func appendDate(dst []byte, t time.Time) ([]byte, error) {
	ms := t.UnixMilli()
	if s := t.Unix(); s < -maxDate/1000 || s > maxDate/1000 || ms > maxDate {
		return dst, errDate
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xD7, 0), uint64(ms)), nil
}

// appendISO appends a time as JavaScript writes it in JSON.
func appendISO(dst []byte, t time.Time) []byte {
	layout := "2006-01-02T15:04:05.000Z"
	if t.Nanosecond()%1e6 != 0 {
		layout = time.RFC3339Nano
	}
	if year := t.Year(); year < 0 || year > 9999 {
		dst = fmt.Appendf(dst, "%+07d", year)
		layout = layout[len("2006"):]
	}
	return t.AppendFormat(dst, layout)
}
