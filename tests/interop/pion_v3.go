// pion_v3.go - what pion.go needs of version 3.
package main

import "github.com/pion/dtls/v3"

func stateOf(conn *dtls.Conn) dtls.State {
	state, _ := conn.ConnectionState()
	return state
}

func useIDs(config *dtls.Config) bool {
	config.ConnectionIDGenerator = dtls.RandomCIDGenerator(8)
	return true
}
