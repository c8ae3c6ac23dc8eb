package yamlfile

// Nearest finds the name that somebody most likely meant: at most half of its
// letters differ, and never more than four; "" when there is none.
func Nearest(typed string, names []string) string {
	best, fewest := "", 0
	for _, name := range names {
		edits := distance(typed, name)
		if edits <= min(4, max(1, len(name)/2)) && (best == "" || edits < fewest) {
			best, fewest = name, edits
		}
	}
	return best
}

// distance counts the letters to insert, remove or replace (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
