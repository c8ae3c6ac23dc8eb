package receipttest_test

import (
	"testing"

	"clave/census/receipt"
	"clave/census/receipt/receipttest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	receipttest.Stores(t, func(*testing.T) receipt.Store { return &receipttest.Memory{} })
}
