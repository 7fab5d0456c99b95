package envelope

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"
)

// A Named is an event in any of its versions.
type Named interface{ EventName() string }

// A Past is an event as an earlier version had it. It has no key: it can be read, and nobody can announce
// it any more.
type Past interface {
	Named
	EventVersion() int
}

// Version is the version of an event's payload.
func Version(event any) int {
	if v, ok := event.(interface{ EventVersion() int }); ok {
		return v.EventVersion()
	}
	return 1
}

// Schema names the schema of an event's payload: the event and its version.
func Schema(event Named) string {
	return fmt.Sprintf("%s%s:%d", schemaPrefix, event.EventName(), Version(event))
}

const schemaPrefix = "urn:event:"

// ParseSchema takes apart what Schema put together. The version is 0 if there is none.
func ParseSchema(urn string) (event string, version int) {
	rest := strings.TrimPrefix(urn, schemaPrefix)
	colon := strings.LastIndexByte(rest, ':')
	version, err := strconv.Atoi(rest[colon+1:])
	if colon < 0 || err != nil {
		return rest, 0
	}
	return rest[:colon], version
}

// VersionOf is the version of a message's payload, 0 if it does not say.
func VersionOf(m *message.Message) int {
	_, version := ParseSchema(m.Metadata[DataSchema])
	return version
}
