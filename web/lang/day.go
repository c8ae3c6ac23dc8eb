package lang

import "time"

// Day writes a date in words, such as "21 de noviembre de 2026", as the calendar of
// at's own zone has it.
func (t *Texts) Day(l Language, at time.Time) string {
	month := t.Text(l, "page.month."+at.Format("01"))
	return t.Text(l, "page.date", "day", at.Format("2"), "month", month, "year", at.Format("2006"))
}
