workload.o: workload.c content.h workload.h
