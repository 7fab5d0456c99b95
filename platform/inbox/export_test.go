package inbox

// Stopping reports whether the inbox begins no further kept message.
func (i *Inbox) Stopping() bool { return i.stopping() }
