image.o: image.c ../../module/include/uapi/linux/swaplab.h image.h
