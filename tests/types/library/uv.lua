---@meta
-- The part of luv that the front uses: Neovim's own types name `uv` and leave it empty.
-- Signatures as in luv's docs.md. Without a callback a function returns; with one it calls back.

---@class uv
local uv = {}

---@class uv.uv_handle_t: userdata
local handle = {}

---@return boolean?
function handle:is_closing() end

---@return boolean?
function handle:is_active() end

---@param callback? fun()
function handle:close(callback) end

---@class uv.uv_timer_t: uv.uv_handle_t
local timer = {}

---@param timeout integer
---@param again integer
---@param callback fun()
---@return 0? success, string? err, string? err_name
function timer:start(timeout, again, callback) end

---@return 0? success, string? err, string? err_name
function timer:stop() end

---@class uv.uv_stream_t: uv.uv_handle_t
local stream = {}

---@param callback fun(err: string?, data: string?)
---@return 0? success, string? err, string? err_name
function stream:read_start(callback) end

---@param data string|string[]
---@param callback? fun(err: string?)
---@return userdata? request, string? err, string? err_name
function stream:write(data, callback) end

---@class uv.uv_pipe_t: uv.uv_stream_t
local pipe = {}

---@param name string
---@param callback? fun(err: string?)
---@return userdata? request, string? err, string? err_name
function pipe:connect(name, callback) end

---@return uv.uv_timer_t? timer, string? err, string? err_name
function uv.new_timer() end

---@param ipc? boolean
---@return uv.uv_pipe_t? pipe, string? err, string? err_name
function uv.new_pipe(ipc) end

---@return integer milliseconds
function uv.now() end

---@return integer nanoseconds
function uv.hrtime() end

---@return integer
function uv.getuid() end

---@return integer
function uv.os_getpid() end

---@return string
function uv.os_gethostname() end

---@return {sysname: string, release: string, version: string, machine: string}
function uv.os_uname() end

---@param pid integer
---@param signal? integer|string
---@return 0? success, string? err, string? err_name
function uv.kill(pid, signal) end

---@param length integer
---@return string? bytes, string? err, string? err_name
function uv.random(length) end

---@class uv.time
---@field sec integer
---@field nsec integer

---@class uv.stat
---@field type string
---@field mode integer
---@field uid integer
---@field gid integer
---@field size integer
---@field ino integer
---@field mtime uv.time

---@class uv.statfs
---@field bsize integer
---@field bavail integer blocks
---@field files integer
---@field ffree integer

---@class uv.uv_fs_t: userdata

---@param path string
---@return uv.statfs? found, string? err, string? err_name
function uv.fs_statfs(path) end

---@param path string
---@param atime number
---@param mtime number
---@return boolean? done, string? err, string? err_name
function uv.fs_utime(path, atime, mtime) end

---@return string? path, string? err, string? err_name
function uv.os_tmpdir() end

---@param path string
---@param callback? fun(err: string?, stat: uv.stat?)
---@return uv.stat? stat, string? err, string? err_name
function uv.fs_stat(path, callback) end

---@param path string
---@param callback? fun(err: string?, stat: uv.stat?)
---@return uv.stat? stat, string? err, string? err_name
function uv.fs_lstat(path, callback) end

---@param path string
---@param callback? fun(err: string?, path: string?)
---@return string? path, string? err, string? err_name
function uv.fs_realpath(path, callback) end

---@param path string
---@param callback? fun(err: string?, path: string?)
---@return string? path, string? err, string? err_name
function uv.fs_readlink(path, callback) end

---@param path string
---@param flags string|integer
---@param mode integer
---@param callback? fun(err: string?, fd: integer?)
---@return integer? fd, string? err, string? err_name
function uv.fs_open(path, flags, mode, callback) end

---@param fd integer
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_close(fd, callback) end

---@param fd integer
---@param size integer
---@param offset? integer
---@param callback? fun(err: string?, data: string?)
---@return string? data, string? err, string? err_name
function uv.fs_read(fd, size, offset, callback) end

---@param fd integer
---@param data string|string[]
---@param offset? integer
---@param callback? fun(err: string?, bytes: integer?)
---@return integer? bytes, string? err, string? err_name
function uv.fs_write(fd, data, offset, callback) end

---@param fd integer
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_fsync(fd, callback) end

---@param path string
---@param mode integer
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_chmod(path, mode, callback) end

---@param path string
---@param mode integer
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_mkdir(path, mode, callback) end

---@param path string
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_unlink(path, callback) end

---@param path string
---@param new_path string
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_rename(path, new_path, callback) end

---@param path string
---@param new_path string
---@param flags? table
---@param callback? fun(err: string?, success: boolean?)
---@return boolean? success, string? err, string? err_name
function uv.fs_symlink(path, new_path, flags, callback) end

---@param path string
---@param callback? fun(err: string?, reader: uv.uv_fs_t?)
---@return uv.uv_fs_t? reader, string? err, string? err_name
function uv.fs_scandir(path, callback) end

---@param reader uv.uv_fs_t
---@return string? name, string? type
function uv.fs_scandir_next(reader) end

return uv
