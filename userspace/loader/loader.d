loader.o: loader.c ../../module/include/uapi/linux/swaplab.h image.h \
 stack.h
