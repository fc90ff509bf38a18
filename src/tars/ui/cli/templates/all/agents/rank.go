// Ranks `word,count` lines by count and writes the first N as JSON; N is the first argument.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"
)

type ranked struct {
	Word  string `json:"word"`
	Times int    `json:"times"`
}

func main() {
	text, err := os.ReadFile(os.Getenv("TARS_INPUT"))
	if err != nil {
		log.Fatal(err)
	}
	top, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var words []ranked
	for _, line := range strings.Fields(string(text)) {
		word, count, _ := strings.Cut(line, ",")
		times, err := strconv.Atoi(count)
		if err != nil {
			log.Fatal(err)
		}
		words = append(words, ranked{word, times})
	}
	sort.SliceStable(words, func(a, b int) bool { return words[a].Times > words[b].Times })
	data, err := json.Marshal(words[:min(top, len(words))])
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv("TARS_OUTPUT"), data, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("the first is %q\n", words[0].Word)
}
