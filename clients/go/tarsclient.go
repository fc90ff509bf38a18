// Package tarsclient is how an agent in Go talks to TARS: its input, its output, what is known, and what it has to report.
//
// The standard library alone. `tarscli client go` puts it into a project as a package. Everything works outside of TARS
// too: the input is then the file that the first argument names, or standard input; the output goes to standard output,
// logs to standard error, and reports to nobody.
//
// What is wrong with what you say is an error. A report that cannot be delivered never fails the agent: it is told once
// on standard error.
package tarsclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Version of this client.
const Version = "1.0.0"

const idMax = 200

// ErrNoInput is what Input returns where the agent was given none.
var ErrNoInput = errors.New("tars: there is no input")

// Number is every kind of number that a metric may be.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Known is a block of the metascript that says what is known: a belief_graph, a belief in one, or a reflection.
type Known map[string]any

// Relations are what a belief rests on, and the names of the beliefs that it bears on.
type Relations struct {
	Evidence    []string `json:"evidence,omitempty"`
	Supports    []string `json:"supports,omitempty"`
	Contradicts []string `json:"contradicts,omitempty"`
	Refines     []string `json:"refines,omitempty"`
	DerivedFrom []string `json:"derived_from,omitempty"`
}

// Input reads the first input, which is JSON, into what `into` points to. Without an input it returns ErrNoInput.
func Input(into any) error {
	data, err := InputBytes()
	if err != nil {
		return err
	}
	if data == nil {
		return ErrNoInput
	}
	return parsed(data, into, "the input")
}

// InputText is the first input as text in UTF-8; empty where there is none.
func InputText() (string, error) {
	data, err := InputBytes()
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) {
		return "", errors.New("tars: the input is not text in UTF-8")
	}
	return string(withoutMark(data)), nil
}

// InputBytes are the first input's bytes; nil where there is none.
func InputBytes() ([]byte, error) {
	if given, ok := os.LookupEnv("TARS_INPUT_DATA"); ok {
		return []byte(given), nil
	}
	paths, err := InputPaths()
	if err != nil {
		return nil, err
	}
	_, inside := os.LookupEnv("TARS_MODULE")
	if len(paths) == 0 && !inside && len(os.Args) > 1 {
		if found, err := os.Stat(os.Args[1]); err == nil && found.Mode().IsRegular() {
			paths = os.Args[1:2]
		}
	}
	if len(paths) > 0 {
		data, err := os.ReadFile(paths[0])
		if err != nil {
			return nil, fmt.Errorf("tars: the input cannot be read: %w", err)
		}
		return data, nil
	}
	if found, err := os.Stdin.Stat(); err != nil || found.Mode()&os.ModeCharDevice != 0 {
		return nil, nil
	}
	data, err := io.ReadAll(os.Stdin)
	if len(data) == 0 {
		return nil, err
	}
	return data, err
}

// InputPaths are the paths of all inputs, files and folders; empty where there are none.
func InputPaths() ([]string, error) {
	return listed("TARS_INPUTS", "TARS_INPUT")
}

// Output writes the value as JSON to the first output, or to the one whose number is given; the first goes to standard
// output where none is declared.
func Output(value any, index ...int) error {
	data, err := written(value, "the output")
	if err != nil {
		return err
	}
	return OutputBytes(data, index...)
}

// OutputText writes the text.
func OutputText(text string, index ...int) error {
	return OutputBytes([]byte(text), index...)
}

// OutputBytes writes the bytes.
func OutputBytes(data []byte, index ...int) error {
	number := 0
	if len(index) > 0 {
		number = index[0]
	}
	paths, err := OutputPaths()
	if err != nil {
		return err
	}
	if number < 0 || (number > 0 && number >= len(paths)) {
		return fmt.Errorf("tars: there is no output number %d; the module declares %d", number, len(paths))
	}
	if len(paths) == 0 {
		_, err = os.Stdout.Write(data)
		return err
	}
	if err := os.MkdirAll(filepath.Dir(paths[number]), 0o755); err != nil {
		return err
	}
	return os.WriteFile(paths[number], data, 0o644)
}

// OutputPaths are the paths to write the declared outputs to; empty where none is declared.
func OutputPaths() ([]string, error) {
	return listed("TARS_OUTPUTS", "TARS_OUTPUT")
}

// Memory is what the metascript says is known: objects with `type`, `labels` and `blocks`; empty outside of TARS.
func Memory() ([]Known, error) {
	known := []Known{}
	path := os.Getenv("TARS_MEMORY")
	if path == "" {
		return known, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return known, err
	}
	return known, parsed(data, &known, "the memory")
}

// Belief reports a belief under a name of your choice, held with a confidence of more than 0 and less than 1.
func Belief(id, statement string, confidence float64, relations ...Relations) error {
	blank := func(r rune) bool { return unicode.IsSpace(r) || r <= ' ' || r == 0x7f }
	if id == "" || utf8.RuneCountInString(id) > idMax || strings.IndexFunc(id, blank) >= 0 {
		return errors.New("tars: the name of a belief is a text of 1 to 200 characters without blanks")
	}
	if err := checked(confidence); err != nil {
		return err
	}
	said := struct {
		ID         string  `json:"id"`
		Statement  string  `json:"statement"`
		Confidence float64 `json:"confidence"`
		Relations
	}{ID: id, Statement: statement, Confidence: confidence}
	for _, more := range relations {
		said.Relations = more
	}
	return report("belief", said)
}

// Reflection reports what the agent concluded, with a confidence between 0 and 1 (0 where you know none) and what it is
// about.
func Reflection(summary string, confidence float64, about ...string) error {
	if confidence != 0 {
		if err := checked(confidence); err != nil {
			return err
		}
	}
	return report("reflection", struct {
		Summary    string   `json:"summary"`
		Confidence float64  `json:"confidence,omitempty"`
		About      []string `json:"about,omitempty"`
	}{summary, confidence, about})
}

// Metric reports a number under a name; the last one of a name counts.
func Metric[T Number](name string, value T) error {
	if name == "" {
		return errors.New("tars: the name of a metric is a text")
	}
	return report("metric", map[string]T{name: value})
}

// Progress reports how much is done, from 0 to 1; what lies outside counts as the nearer end.
func Progress(fraction float64) error {
	if math.IsNaN(fraction) {
		return errors.New("tars: the progress must be a number")
	}
	return report("progress", math.Min(1, math.Max(0, fraction)))
}

// Log reports a line for people; outside of TARS it is written to standard error.
func Log(message string) error {
	if os.Getenv("TARS_EVENTS") == "" {
		fmt.Fprintln(os.Stderr, message)
	}
	return report("log", message)
}

var events struct {
	sync.Mutex
	path string
	file *os.File
}

func report(kind string, value any) error {
	line, err := written(map[string]any{kind: value}, "the "+kind)
	path := os.Getenv("TARS_EVENTS")
	if err != nil || path == "" {
		return err
	}
	events.Lock()
	defer events.Unlock()
	var failed error
	if events.path != path {
		events.path = path
		events.file, failed = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	}
	if failed == nil && events.file != nil {
		_, failed = events.file.Write(line)
	}
	if failed != nil {
		events.file = nil
		fmt.Fprintln(os.Stderr, "tars: reports are no longer delivered:", failed)
	}
	return nil
}

func checked(confidence float64) error {
	if confidence > 0 && confidence < 1 {
		return nil
	}
	return fmt.Errorf("tars: a confidence is more than 0 and less than 1, not %v", confidence)
}

// written is the value as a line of JSON; what is no UTF-8 becomes U+FFFD.
func written(value any, what string) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("tars: %s cannot be written as JSON: %w", what, err)
	}
	return buffer.Bytes(), nil
}

func parsed(data []byte, into any, what string) error {
	if !utf8.Valid(data) {
		return fmt.Errorf("tars: %s is not text in UTF-8", what)
	}
	if err := json.Unmarshal(withoutMark(data), into); err != nil {
		return fmt.Errorf("tars: %s is not JSON: %w", what, err)
	}
	return nil
}

// withoutMark leaves out the byte order mark that some editors write.
func withoutMark(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
}

func listed(several, one string) ([]string, error) {
	paths := []string{}
	if text := os.Getenv(several); text != "" {
		return paths, parsed([]byte(text), &paths, several)
	}
	if path := os.Getenv(one); path != "" {
		paths = append(paths, path)
	}
	return paths, nil
}
