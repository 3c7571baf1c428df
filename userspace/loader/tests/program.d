tests/program.o: tests/program.c
