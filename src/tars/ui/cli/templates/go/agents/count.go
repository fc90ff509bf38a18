// Counts the words of the input file and writes them as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"unicode"
)

func main() {
	text, err := os.ReadFile(os.Getenv("TARS_INPUT"))
	if err != nil {
		log.Fatal(err)
	}
	counts := map[string]int{}
	apart := func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }
	for _, word := range strings.FieldsFunc(strings.ToLower(string(text)), apart) {
		counts[word]++
	}
	data, err := json.Marshal(counts)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Getenv("TARS_OUTPUT"), data, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d different words\n", len(counts))
}
