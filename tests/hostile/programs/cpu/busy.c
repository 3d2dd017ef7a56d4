// @ends cpu  @limits cpu=0.15 wall=2  @cpu 150
int main(void) { for (;;); }
