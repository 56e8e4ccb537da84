// pion.go - the pion peer; peer.h says what it does.
package main

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/pion/dtls/v2"
)

const label = "EXPERIMENTAL interop"

var feature = os.Getenv("FEATURE")

func isOneOf(word string, words ...string) bool {
	for _, each := range words {
		if each == word {
			return true
		}
	}
	return false
}

func times(features ...string) int {
	if isOneOf(feature, features...) {
		return 2
	}
	return 1
}

// Sessions that can be resumed, by ID or by the name of the server.
type store map[string]dtls.Session

func (s store) Set(key []byte, session dtls.Session) error { s[string(key)] = session; return nil }
func (s store) Get(key []byte) (dtls.Session, error)       { return s[string(key)], nil }
func (s store) Del(key []byte) error                       { delete(s, string(key)); return nil }

func exportKey(conn net.Conn) {
	if feature == "export" {
		state := stateOf(conn.(*dtls.Conn))
		exported, err := state.ExportKeyingMaterial(label, nil, 32)
		check(err)
		fmt.Fprintf(os.Stderr, "PEER export %x\n", exported)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "PEER", err)
		os.Exit(1)
	}
}

func serve(config *dtls.Config) {
	listener, err := dtls.Listen("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, config)
	check(err)
	fmt.Println("port", listener.Addr().(*net.UDPAddr).Port)
	for i := 0; i < times("id"); i++ {
		conn, err := listener.Accept()
		check(err)
		line := make([]byte, 256)
		for j := 0; j < times("cid"); j++ {
			got, err := conn.Read(line)
			check(err)
			_, err = conn.Write(line[:got])
			check(err)
		}
		exportKey(conn)
		_, _ = conn.Read(line)
	}
}

func call(port int, config *dtls.Config) {
	for i := 0; i < times("id"); i++ {
		conn, err := dtls.Dial("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, config)
		check(err)
		line := make([]byte, 256)
		for j := 0; j < times("cid"); j++ {
			_, err = conn.Write([]byte("from client\n"))
			check(err)
			got, err := conn.Read(line)
			check(err)
			os.Stdout.Write(line[:got])
		}
		exportKey(conn)
		check(conn.Close())
	}
}

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: pion server|client PORT IDENTITY KEY SUITE")
		os.Exit(2)
	}
	time.AfterFunc(150*time.Second, func() { os.Exit(1) })
	port, err := strconv.Atoi(os.Args[2])
	check(err)
	key, err := hex.DecodeString(os.Args[4])
	check(err)
	number, err := strconv.ParseUint(os.Args[5], 16, 16)
	check(err)
	suite := dtls.CipherSuiteID(number)
	// What it does not know is shown as a number.
	if dtls.CipherSuiteName(suite) == fmt.Sprintf("0x%04X", number) {
		fmt.Fprintf(os.Stderr, "PEER has not suite %04x\n", number)
		os.Exit(3)
	}
	config := &dtls.Config{
		CipherSuites:         []dtls.CipherSuiteID{suite},
		PSK:                  func([]byte) ([]byte, error) { return key, nil },
		PSKIdentityHint:      []byte(os.Args[3]),
		ExtendedMasterSecret: dtls.RequireExtendedMasterSecret,
	}
	if !isOneOf(feature, "", "id", "export") && !(feature == "cid" && useIDs(config)) {
		fmt.Fprintln(os.Stderr, "PEER has not feature", feature)
		os.Exit(3)
	}
	if feature == "id" {
		config.SessionStore = store{}
	}
	if os.Args[1] == "server" {
		serve(config)
	} else {
		call(port, config)
	}
}
