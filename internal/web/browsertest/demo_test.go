package browsertest

func stopDemo() {}
