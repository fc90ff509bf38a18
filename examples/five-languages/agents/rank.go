// Ranks the words of each text by TF-IDF: often in this text, and in few of the others.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"math"
	"os"
	"sort"
)

type text struct {
	Words  int            `json:"words"`
	Counts map[string]int `json:"counts"`
}

func main() {
	keywords := flag.Int("keywords", 5, "how many words to keep of each text")
	flag.Parse()

	var texts map[string]text
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		log.Fatalf("the counts cannot be read: %v", err)
	}
	ranked := map[string][]string{}
	for name, text := range texts {
		ranked[name] = best(text, documentFrequency(texts), len(texts), *keywords)
	}
	bytes, _ := json.MarshalIndent(ranked, "", "  ")
	if err := os.WriteFile(os.Getenv("TARS_OUTPUT"), append(bytes, '\n'), 0o644); err != nil {
		log.Fatal(err)
	}
}

// documentFrequency tells in how many texts each word occurs.
func documentFrequency(texts map[string]text) map[string]int {
	frequency := map[string]int{}
	for _, text := range texts {
		for word := range text.Counts {
			frequency[word]++
		}
	}
	return frequency
}

// best returns the words with the highest scores; of equal ones the longer, then the earlier in the alphabet.
func best(text text, frequency map[string]int, texts, keep int) []string {
	score := func(word string) float64 {
		return float64(text.Counts[word]) / float64(text.Words) * math.Log(float64(texts)/float64(frequency[word]))
	}
	var words []string
	for word := range text.Counts {
		if len(word) > 4 {
			words = append(words, word)
		}
	}
	sort.Slice(words, func(i, j int) bool {
		a, b := words[i], words[j]
		if score(a) != score(b) {
			return score(a) > score(b)
		}
		if len(a) != len(b) {
			return len(a) > len(b)
		}
		return a < b
	})
	return words[:min(keep, len(words))]
}
