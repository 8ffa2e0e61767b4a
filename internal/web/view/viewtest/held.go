package viewtest

import "undersigned/internal/web/view"

func heldLine(why view.Suspicion, size int, waits view.HeldWait) view.HeldLine {
	return view.HeldLine{Cluster: 7, Number: 1204, Title: petition().Title, Suspicion: why, Size: size, First: on(2026, 11, 20), Last: on(2026, 11, 22), Waits: waits}
}

func removedLine() view.HeldLine {
	line := heldLine("throw-away", 12, "")
	line.Cluster, line.Removed, line.EndsAt = 8, true, on(2026, 11, 29)
	return line
}
