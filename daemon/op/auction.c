/* A bid: its rule stands in sql/fn, under the auction's lock; here it gets its receipt. */
#include "daemon/bind.h"
#include "daemon/receipt.h"
#include "daemon/task.h"

step_fn auction_bid;

/* Waits for the row, then for the signer. */
enum turn
auction_bid(struct task *t)
{
	bind_send(t, SQL_auction_bid, bind_params(t, SQL_auction_bid));
	return wait_for(t, op_receipt);
}
