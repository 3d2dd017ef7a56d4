"""Renders a page of a PDF as a PNG: ``python -I pdf_figure.py PAGE MAX_PIXELS < PDF > PNG``.

It runs as a child process of its own, since a renderer of this large format may have faults, and the PDF's
author is not trusted. Before it reads the PDF, the process gives up every system call except those of
``_CALLS``: for memory, for time, for open streams and for its own end. So a PDF that takes control of the
renderer can reach no file, no network and no other process.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import zlib
from typing import Any

_SCALE = 2.0
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001
"""seccomp's actions: allow a call, or refuse it with EPERM."""
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_CALLS = {
    # read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn mremap
    # madvise getpid exit futex sched_yield exit_group clock_gettime gettimeofday getrandom
    "x86_64": (
        0xC000003E,
        (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 25, 28, 39, 60, 202, 24, 231, 228, 96, 318),
    ),
    "aarch64": (
        0xC00000B7,
        (
            63,
            64,
            57,
            80,
            62,
            222,
            226,
            215,
            214,
            134,
            135,
            139,
            216,
            233,
            172,
            93,
            98,
            124,
            94,
            113,
            169,
            278,
        ),
    ),
}


def main() -> int:
    """Read the PDF and write the PNG. If the PDF cannot be shown, write the reason to standard error and
    return 1."""
    import pypdfium2.raw as pdfium

    page, most = int(sys.argv[1]), int(sys.argv[2])
    content = sys.stdin.buffer.read()
    pdfium.FPDF_InitLibrary()
    give_up_system_calls()
    document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    shown = pdfium.FPDF_LoadPage(document, page - 1) if document else None
    if not shown:
        return _fail("it cannot be read, or it has no such page")
    width, height = pdfium.FPDF_GetPageWidthF(shown), pdfium.FPDF_GetPageHeightF(shown)
    scale = min(_SCALE, most / max(width, height, 1.0))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    bitmap = pdfium.FPDFBitmap_Create(*size, 0)
    if not bitmap:
        return _fail("its page is too large")
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, *size, 0xFFFFFFFF)
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
    pdfium.FPDF_RenderPageBitmap(bitmap, shown, 0, 0, *size, 0, flags)
    stride = pdfium.FPDFBitmap_GetStride(bitmap)
    pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * size[1])
    _write(png(pixels, size, stride))
    return 0


def _fail(reason: str) -> int:
    os.write(2, reason.encode())
    return 1


def _write(content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(1, view) :]


def png(pixels: bytes, size: tuple[int, int], stride: int) -> bytes:
    """A PNG of pixels in RGBA whose background is opaque."""
    width, height = size
    rows = bytearray()
    for row in range(height):
        line = pixels[row * stride : row * stride + 4 * width]
        rgb = bytearray(3 * width)
        rgb[0::3], rgb[1::3], rgb[2::3] = line[0::4], line[1::4], line[2::4]
        rows += b"\0" + rgb
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def give_up_system_calls() -> None:
    """Refuse every system call except those of :data:`_CALLS`, until this process ends."""
    architecture, calls = _CALLS[platform.machine()]
    program = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    for number, call in enumerate(calls):
        program.append((_IF_EQUAL, len(calls) - number, 0, call))
    program += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    packed = b"".join(struct.pack("=HBBI", *each) for each in program)
    buffer = ctypes.create_string_buffer(packed, len(packed))
    header = ctypes.create_string_buffer(
        struct.pack("@HxxxxxxP", len(program), ctypes.addressof(buffer)), struct.calcsize("@HxxxxxxP")
    )
    libc: Any = ctypes.CDLL(None, use_errno=True)
    zeros = (ctypes.c_ulong(0),) * 3
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), *zeros) or libc.prctl(
        _PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(header), *zeros[:2]
    ):
        raise OSError(ctypes.get_errno(), "the renderer cannot give up its system calls")


if __name__ == "__main__":
    code = main()
    os._exit(code)
