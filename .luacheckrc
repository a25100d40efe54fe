std = "luajit"
max_line_length = 100
read_globals = { "vim" }
globals = { "vim.g", "vim.b", "vim.w", "vim.o", "vim.bo", "vim.wo", "vim.v", "vim.env" }
