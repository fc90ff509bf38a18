// Makes the calls of one test vector, with CALLS and RESULTS naming files (see ../../vectors).
package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"

	"tarsclient"
)

type step struct {
	Call string
	Args []any
}

func argument(given any) any {
	switch value := given.(type) {
	case []any:
		for index, each := range value {
			value[index] = argument(each)
		}
	case map[string]any:
		if word, ok := value["$number"].(string); ok {
			number, _ := strconv.ParseFloat(word, 64)
			return number
		}
		if repeat, ok := value["$repeat"].([]any); ok {
			return strings.Repeat(repeat[0].(string), int(number(repeat[1])))
		}
		for name, each := range value {
			value[name] = argument(each)
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		return number(value)
	}
	return given
}

func number(given any) float64 {
	switch value := given.(type) {
	case json.Number:
		found, _ := value.Float64()
		return found
	case int64:
		return float64(value)
	case float64:
		return value
	}
	return math.NaN()
}

func texts(given any) []string {
	found := []string{}
	if list, ok := given.([]any); ok {
		for _, each := range list {
			found = append(found, each.(string))
		}
	}
	return found
}

func more(args []any, index int) map[string]any {
	if index < len(args) {
		return args[index].(map[string]any)
	}
	return map[string]any{}
}

func metric(name string, value any) error {
	if whole, ok := value.(int64); ok {
		return tarsclient.Metric(name, whole)
	}
	return tarsclient.Metric(name, number(value))
}

func call(name string, args []any) (any, error) {
	index := []int{}
	if strings.HasPrefix(name, "output") && len(args) > 1 {
		index = append(index, int(number(args[1])))
	}
	switch name {
	case "input":
		var value any
		err := tarsclient.Input(&value)
		if errors.Is(err, tarsclient.ErrNoInput) {
			return nil, nil
		}
		return value, err
	case "input_text":
		if data, err := tarsclient.InputBytes(); data == nil && err == nil {
			return nil, nil
		}
		return tarsclient.InputText()
	case "input_paths":
		return tarsclient.InputPaths()
	case "output":
		return nil, tarsclient.Output(args[0], index...)
	case "output_text":
		return nil, tarsclient.OutputText(args[0].(string), index...)
	case "memory":
		return tarsclient.Memory()
	case "belief":
		said := more(args, 3)
		return nil, tarsclient.Belief(args[0].(string), args[1].(string), number(args[2]), tarsclient.Relations{
			Evidence: texts(said["evidence"]), Supports: texts(said["supports"]), Contradicts: texts(said["contradicts"]),
			Refines: texts(said["refines"]), DerivedFrom: texts(said["derived_from"]),
		})
	case "reflection":
		said := more(args, 1)
		confidence := 0.0
		if given, ok := said["confidence"]; ok {
			confidence = number(given)
		}
		return nil, tarsclient.Reflection(args[0].(string), confidence, texts(said["about"])...)
	case "metric":
		return nil, metric(args[0].(string), args[1])
	case "progress":
		return nil, tarsclient.Progress(number(args[0]))
	case "log":
		return nil, tarsclient.Log(args[0].(string))
	}
	panic("there is no call " + name)
}

func main() {
	file, err := os.Open(os.Getenv("CALLS"))
	if err != nil {
		panic(err)
	}
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	steps := []step{}
	if err := decoder.Decode(&steps); err != nil {
		panic(err)
	}
	results := []map[string]any{}
	for _, each := range steps {
		value, err := call(each.Call, argument(each.Args).([]any))
		if err != nil {
			results = append(results, map[string]any{"refused": err.Error()})
			continue
		}
		results = append(results, map[string]any{"value": value})
	}
	data, err := json.Marshal(results)
	if err == nil {
		err = os.WriteFile(os.Getenv("RESULTS"), data, 0o644)
	}
	if err != nil {
		panic(err)
	}
}
