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
	conn, err := listener.Accept()
	check(err)
	line := make([]byte, 256)
	got, err := conn.Read(line)
	check(err)
	_, err = conn.Write(line[:got])
	check(err)
	_, _ = conn.Read(line)
}

func call(port int, config *dtls.Config) {
	conn, err := dtls.Dial("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, config)
	check(err)
	_, err = conn.Write([]byte("from client\n"))
	check(err)
	line := make([]byte, 256)
	got, err := conn.Read(line)
	check(err)
	os.Stdout.Write(line[:got])
	check(conn.Close())
}

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: pion server|client PORT IDENTITY KEY SUITE")
		os.Exit(2)
	}
	time.AfterFunc(20*time.Second, func() { os.Exit(1) })
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
	if os.Args[1] == "server" {
		serve(config)
	} else {
		call(port, config)
	}
}
