// pion_v2.go - what pion.go needs of version 2.
package main

import "github.com/pion/dtls/v2"

func stateOf(conn *dtls.Conn) dtls.State { return conn.ConnectionState() }

func useIDs(*dtls.Config) bool { return false }
