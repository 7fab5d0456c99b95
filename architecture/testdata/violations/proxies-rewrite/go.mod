module github.com/pangaea-shop/pangaea

go 1.26
