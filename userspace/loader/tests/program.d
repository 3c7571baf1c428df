tests/program.o: tests/program.c tests/pages.h
