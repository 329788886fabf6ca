-- An order from award to payment.
SELECT api.load_order($1, $2, $3);
