patterns.o: patterns.c content.h memory.h workload.h
