// Writes the verdict down for people.
package main

import (
	"fmt"
	"os"

	tars "agents/tarsclient"
)

func main() {
	var verdict struct {
		Trusted    bool
		Confidence float64
	}
	if err := tars.Input(&verdict); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	word := "not to be trusted"
	if verdict.Trusted {
		word = "to be trusted"
	}
	tars.Reflection("the report is written", 0.95)
	tars.Progress(1)
	tars.OutputText(fmt.Sprintf("The readings are %s (%.0f %%).\n", word, verdict.Confidence*100))
}
