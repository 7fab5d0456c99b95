-- ordering touches payments: a report that asks another module's table instead of its events
SELECT o.id, p.status FROM orders o JOIN payments.payments p ON p.order_id = o.id WHERE o.status = 'paid'
