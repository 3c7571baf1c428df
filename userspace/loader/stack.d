stack.o: stack.c stack.h image.h
