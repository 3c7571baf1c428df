memory.o: memory.c memory.h
