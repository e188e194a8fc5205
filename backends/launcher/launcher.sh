#!/bin/sh
exec {{ program | sh }}
