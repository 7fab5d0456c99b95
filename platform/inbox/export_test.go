package inbox

// Early is how many messages wait in memory, each counted once.
func (i *Inbox) Early() int {
	i.lobby.mu.Lock()
	defer i.lobby.mu.Unlock()
	return len(i.lobby.calls)
}
