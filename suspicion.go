package undersigned

// A Suspicion is why a form may come from a program. It refuses nobody: what is signed
// with a suspicious form is held until staff have looked at it (docs/decisions/0014-held.md).
type Suspicion uint8

// The suspicions. Numbers are sealed into letters and stored: never reuse one.
const (
	SuspectFast      Suspicion = 1 // sent sooner than anybody types
	SuspectStamp     Suspicion = 2 // not from a form page of ours, of this petition, of the last days
	SuspectReplayed  Suspicion = 3 // one form page was sent too often from one place
	SuspectMany      Suspicion = 4 // too many forms from one place in an hour or a day
	SuspectThrowAway Suspicion = 5 // the address is at a domain that lends addresses for minutes
	SuspectDomain    Suspicion = 6 // too many addresses of one domain on one petition
	SuspectWave      Suspicion = 7 // counted in hours that staff want to look at; never in a letter
)

var suspicionNames = map[Suspicion]string{
	SuspectFast: "fast", SuspectStamp: "stamp", SuspectReplayed: "replayed",
	SuspectMany: "many", SuspectThrowAway: "throw-away", SuspectDomain: "domain", SuspectWave: "wave",
}

// String names a suspicion as the history and the catalogues do.
func (s Suspicion) String() string {
	if name, ok := suspicionNames[s]; ok {
		return name
	}
	return "unknown"
}

// ClusterSize is the length of a Cluster in bytes.
const ClusterSize = 8

// A Cluster says of several suspicious forms that they belong together, and nothing
// else: a keyed hash whose key lived for a day in the memory of one public part.
type Cluster [ClusterSize]byte
