package vfs

// System is the file system of the operating system.
func System() FS { return systemFS{} }
